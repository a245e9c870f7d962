import { mount } from 'svelte';
import App from './App.svelte';
import { unpack } from './page.js';
import './style.css';

const page = unpack(JSON.parse(document.getElementById('case').textContent));
mount(App, { target: document.getElementById('app'), props: { page } });
